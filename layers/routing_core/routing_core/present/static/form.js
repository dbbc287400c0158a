(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]"), focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();
  if (!form) return;
  var key = "relay:" + form.dataset.keep, store = null;
  try { store = window.sessionStorage; } catch (e) { /* storage is switched off */ }
  function fields() { return Array.prototype.filter.call(form.elements, function (f) { return f.name && f.type !== "hidden" && f.type !== "submit" && !f.closest(".trap"); }); }

  // Keep what was typed until it has arrived, for this tab only.
  var kept = {};
  try { kept = JSON.parse((store && store.getItem(key)) || "{}"); } catch (e) { kept = {}; }
  fields().forEach(function (f) {
    var value = kept[f.name];
    if (value === undefined) return;
    if (f.type === "radio") { if (f.value === value && !form.querySelector('[name="' + f.name + '"]:checked')) f.checked = true; }
    else if (f.type !== "checkbox" && !f.value) f.value = value;
  });
  form.addEventListener("input", function (event) {
    var f = event.target;
    if (f.type !== "checkbox" && f.name && !f.closest(".trap")) {
      kept[f.name] = f.value;
      try { if (store) store.setItem(key, JSON.stringify(kept)); } catch (e) { store = null; }
    }
    if (f.closest(".field.wrong")) judge(f);
  });

  // Say what is missing at the field, as soon as it is left; the server checks everything again.
  function holder(f) { return f.type === "radio" ? f.closest("fieldset") : f; }
  function sentence(f) {
    var instead = f.dataset.instead && form.elements[f.dataset.instead];
    if (f.validity.valueMissing) return instead && instead.value ? "" : holder(f).dataset.message;
    if (f.validity.typeMismatch) return f.dataset.wrong;
    return "";
  }
  function judge(f) {
    var at = holder(f), box = f.closest(".field"), text = sentence(f), id = at.id + "-error", note = document.getElementById(id);
    if (!box) return true;
    box.classList.toggle("wrong", !!text);
    if (!text) { if (note) note.remove(); at.removeAttribute("aria-invalid"); }
    else {
      if (!note) {
        note = document.createElement("p");
        note.className = "error";
        note.id = id;
        if (at.tagName === "FIELDSET") at.querySelector("legend").after(note);
        else (f.type === "checkbox" ? f.closest("label") : f).before(note);
      }
      note.textContent = text;
      at.setAttribute("aria-invalid", "true");
    }
    var described = (at.getAttribute("aria-describedby") || "").split(" ").filter(function (x) { return x && x !== id; });
    if (text) described.push(id);
    if (described.length) at.setAttribute("aria-describedby", described.join(" ")); else at.removeAttribute("aria-describedby");
    return !text;
  }
  form.addEventListener("focusout", function (event) {
    var f = event.target;
    if (f.name && f.value && f.willValidate && f.type !== "radio" && f.type !== "submit" && !f.closest(".trap")) judge(f);
  });
  // In a flood the page carries a task (ALTCHA): solved here in the background, with nothing to see or to click. Who sends
  // before it is solved waits for it; who has no script is asked by mail to confirm the address.
  var task = form.querySelector("[data-challenge]"), unsolved = !!(task && window.crypto && window.crypto.subtle);
  function hex(buffer) { return Array.prototype.map.call(new Uint8Array(buffer), function (b) { return ("0" + b.toString(16)).slice(-2); }).join(""); }
  function solve(asked, from) {
    var tries = [], many = 200;
    for (var n = from; n < from + many; n++) tries.push(window.crypto.subtle.digest("SHA-256", new TextEncoder().encode(asked.salt + n)).then(hex));
    return Promise.all(tries).then(function (found) {
      var at = found.indexOf(asked.challenge);
      if (at >= 0) return btoa(JSON.stringify({ algorithm: asked.algorithm, challenge: asked.challenge, number: from + at, salt: asked.salt, signature: asked.signature }));
      return from < asked.maxnumber ? solve(asked, from + many) : "";
    });
  }
  var solving = unsolved && solve(JSON.parse(task.dataset.challenge), 0).catch(function () { return ""; }).then(function (proof) { task.value = proof; unsolved = false; });

  form.addEventListener("submit", function (event) {
    if (event.submitter && event.submitter.formNoValidate) return;
    var wrong = fields().filter(function (f) { return !judge(f); });
    if (wrong.length) {
      event.preventDefault();
      var fold = wrong[0].closest("details");
      if (fold) fold.open = true;
      wrong[0].focus();
      return;
    }
    var button = form.querySelector(".actions button");
    if (button.getAttribute("aria-busy")) event.preventDefault();
    else if (unsolved) { event.preventDefault(); solving.then(function () { form.submit(); }); }
    button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", function () { var b = form.querySelector("[aria-busy]"); if (b) b.removeAttribute("aria-busy"); });
})();
