(function () {
  "use strict";
  var focus = document.querySelector("[data-focus]"), lang = document.documentElement.lang, started = Date.now();
  if (focus) focus.focus();

  // A person touched the page (mail scanners do not): tell it once.
  var signs = ["pointerdown", "touchstart", "wheel", "keydown"];
  function seen() {
    signs.forEach(function (sign) { window.removeEventListener(sign, seen); });
    fetch(location.pathname.replace(/\/$/, "") + "/seen", { method: "POST", keepalive: true, credentials: "omit" }).catch(function () {});
  }
  signs.forEach(function (sign) { window.addEventListener(sign, seen, { passive: true }); });

  // One tap is enough.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    var button = event.submitter || form.querySelector("button[type=submit]");
    button.setAttribute("aria-busy", "true");
    window.relaySend(form, button);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      var button = form.querySelector("[aria-busy]");
      if (button) button.removeAttribute("aria-busy");
    });
  });

  function unit(n, name) { return new Intl.NumberFormat(lang, { style: "unit", unit: name, unitDisplay: "long" }).format(n); }
  function told(seconds) {
    var minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (seconds < 60) return unit(seconds, "second");
    if (days) return unit(days, "day") + (days < 3 && hours % 24 ? " " + unit(hours % 24, "hour") : "");
    return (hours ? unit(hours, "hour") + " " : "") + (minutes % 60 || !hours ? unit(minutes % 60, "minute") : "");
  }
  var box = document.querySelector("[data-window]"), undo = document.querySelector("[data-until]"), shown = "";
  function tick() {
    var gone = (Date.now() - started) / 1000, left;
    if (box) {
      left = Math.max(0, Math.floor(box.dataset.window - gone));
      box.querySelector("progress").value = left;
      var text = told(left), at = box.querySelector("[data-left]");
      if (text !== shown && at.dataset.words) at.textContent = at.dataset.words.replace("|", text);
      shown = text;
    }
    if (undo) {
      left = Math.max(0, Math.floor(undo.dataset.until - gone));
      undo.querySelector("[data-clock]").textContent = Math.floor(left / 60) + ":" + ("0" + (left % 60)).slice(-2);
      if (!left) { undo.remove(); undo = null; }
    }
  }
  if (box || undo) { setInterval(tick, 1000); }
})();
