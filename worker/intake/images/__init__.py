"""Image sets: from an uploaded zip or npz to one packed uint8 array. All of it runs in the sandbox."""
