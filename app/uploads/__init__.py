"""Files on their way in, in one request or by the tus protocol, and how their owners take them over."""
