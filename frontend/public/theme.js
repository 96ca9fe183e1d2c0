// Applies the chosen theme before the first paint. It is a separate file because the policy
// forbids inline scripts.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("exhume.theme");
  } catch (error) {
    console.warn("Local storage is not available. The theme of the system is used.", error);
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
