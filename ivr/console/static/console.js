// Light or dark, as the person's system has it; before the page is drawn, so that nothing flashes.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  follow();
  dark.addEventListener("change", follow);
  // Fragments that ask by themselves say so: nobody did anything, and the session may grow idle.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.hasAttribute("data-polls")) event.detail.headers["HX-Polled"] = "1";
  });
  // A message that could not be fetched says so in the words that wait behind its player.
  document.addEventListener("error", (event) => {
    if (event.target instanceof HTMLAudioElement) event.target.nextElementSibling?.removeAttribute("hidden");
  }, true);
})();
