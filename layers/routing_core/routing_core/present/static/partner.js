// The form of a partner's profile: what it would do is said while it is typed, a moment after the last key.
(() => {
  "use strict";
  const form = document.querySelector("form[data-profile]"), panel = document.getElementById("checked");
  if (!form || !panel || !window.fetch) return;
  let timer = 0, latest = 0;
  const check = async () => {
    const asked = ++latest;
    try {
      const answer = await fetch(panel.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
      if (!answer.ok || asked !== latest) return;
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      panel.replaceChildren(...part.body.childNodes);
    } catch { /* the button says it, too */ }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, 600); });
})();
