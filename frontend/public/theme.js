// Applies the chosen theme before the first paint (a file of its own: the policy allows no inline scripts).
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("exhume.theme");
  } catch (error) {
    console.warn("no local storage; following the system's theme", error);
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
