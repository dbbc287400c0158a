/* Sends a form and leaves its page only for an answer of ours. When the API itself is full it answers a line of JSON that
   nobody can act on, without the header that all of ours have: then, as without any answer, the page stays as it is and says
   so. Whatever is sent again counts once. */
(function () {
  "use strict";
  var note = document.getElementById("busy"), LATER = [429, 502, 503, 504];
  function stay(form) {
    var button = form.querySelector("[aria-busy]");
    if (button) button.removeAttribute("aria-busy");
    delete form.dataset.sent;
    (button || form.querySelector("button")).before(note);
    window.relayBusy();
  }
  window.relayBusy = function () { note.hidden = false; note.focus(); };
  // Our own page with what is wrong is the browser's to show: it sends the same once more, and has it in its history.
  function natively(form, name, value) {
    var extra = document.createElement("input");
    extra.type = "hidden";
    extra.name = name;
    extra.value = value;
    if (name) form.append(extra);
    HTMLFormElement.prototype.submit.call(form);
    extra.remove();
  }
  // What is to be done instead of saying so may be given, for what nobody waits for.
  window.relaySend = function (form, button, otherwise) {
    var body = new URLSearchParams(new FormData(form)), name = (button && button.name) || "", value = name && button.value;
    if (name) body.append(name, value);
    if (note) note.hidden = true;
    function failed() { if (otherwise) otherwise(); else stay(form); }
    fetch(form.getAttribute("action") || location.href, { method: "POST", body: body, credentials: "same-origin" }).then(function (answer) {
      if (LATER.indexOf(answer.status) >= 0 || !answer.headers.get("X-Content-Type-Options")) failed();
      else if (answer.redirected) location.assign(answer.url);
      else natively(form, name, value);
    }, failed);
  };
})();
