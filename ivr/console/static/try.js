// The telephone of "Try a call": keys on the keyboard, the browser's own voice, and a word to those who listen to pages.
// Without it the page works as plain forms.
(() => {
  const region = document.getElementById("try");
  const told = document.getElementById("told");
  const voice = document.getElementById("voice");
  const speech = window.SpeechSynthesisUtterance && window.speechSynthesis; // it takes both
  const waiting = []; // keys typed while the last one is on its way
  let asking = false;
  let last = "";

  const remembered = () => window.localStorage.getItem("ivr-voice") === "on";
  const showVoice = () => {
    voice.textContent = remembered() ? "Voice: on" : "Voice: off";
  };

  const voiceFor = (language) => {
    const known = speech.getVoices().map((one) => [one.lang.replace("_", "-").toLowerCase(), one]);
    const wanted = language.toLowerCase();
    const exact = known.find(([code]) => code === wanted);
    const near = known.find(([code]) => code.split("-")[0] === wanted.split("-")[0]);
    return (exact || near || [])[1];
  };

  const speak = (heard) => {
    speech.cancel();
    for (const words of heard) {
      const part = new SpeechSynthesisUtterance(words.textContent);
      const block = words.closest("[lang]");
      part.lang = block.lang;
      part.voice = voiceFor(block.lang) || null;
      part.rate = block.classList.contains("slow") ? 0.85 : 1;
      speech.speak(part);
    }
  };

  const bringIn = () => region.querySelectorAll("[data-script]").forEach((one) => one.removeAttribute("hidden"));

  const focusOn = () => {
    const here = document.getElementById(last);
    const first = region.querySelector(".handset .btn.main, .handset .key:not(:disabled), .handset .btn, .handset select");
    const next = here && !here.disabled && region.contains(here) ? here : first;
    if (next) next.focus({ preventScroll: true });
  };

  const heardNow = () => {
    const newest = region.querySelector("[data-newest]");
    const fault = region.querySelector("#fault");
    const heard = newest && !fault ? [...newest.querySelectorAll("[data-say]")] : [];
    const state = region.querySelector(".screen b");
    told.textContent = [...heard.map((words) => words.textContent), state ? state.textContent : ""].join(" ");
    if (newest) newest.scrollIntoView({ block: "nearest" });
    if (speech && remembered()) speak(heard);
  };

  const press = (key) => {
    const button = region.querySelector(`[data-key="${key}"]`);
    if (!button || button.disabled) return;
    last = button.id;
    button.classList.add("down");
    button.click();
  };

  region.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;
    if (typing || event.key.length !== 1 || !"0123456789*#".includes(event.key)) return;
    if (!event.target.closest(".handset")) return;
    event.preventDefault();
    if (asking) waiting.push(event.key);
    else press(event.key);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.id && region.contains(button)) last = button.id;
    if (button && button.id === "copy") {
      navigator.clipboard.writeText(region.querySelector("#story").textContent).then(() => { button.textContent = "Copied"; });
    }
  });

  document.addEventListener("htmx:beforeRequest", () => {
    asking = true;
    if (speech) speech.cancel(); // a key ends what is being said, as on the telephone
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    if (event.detail.xhr.status === 403) window.location.reload(); // the form was too old
  });
  document.addEventListener("htmx:afterSettle", () => {
    bringIn();
    focusOn();
    heardNow();
  });
  document.addEventListener("htmx:afterRequest", () => {
    asking = false;
    const key = waiting.shift();
    if (key) window.setTimeout(() => press(key), 30); // when the new keys are in their places
  });

  bringIn();
  if (speech) {
    voice.hidden = false;
    showVoice();
    voice.addEventListener("click", () => {
      window.localStorage.setItem("ivr-voice", remembered() ? "off" : "on");
      showVoice();
      if (remembered()) heardNow();
      else speech.cancel();
    });
  }
})();
