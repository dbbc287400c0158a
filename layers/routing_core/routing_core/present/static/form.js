(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]"), focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();
  if (!form) return;
  var key = "relay:" + form.dataset.keep, left_for = key + ":left", store = null;
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

  // Say what is missing or surely wrong at the field, as soon as it is left; the server checks everything again.
  function holder(f) { return f.type === "radio" ? f.closest("fieldset") : f; }
  function sentence(f) {
    var instead = f.dataset.instead && form.elements[f.dataset.instead], value = f.value.trim();
    if (f.validity.valueMissing || (f.required && !value)) return instead && instead.value ? "" : holder(f).dataset.message;
    if (!value || !f.dataset.checks) return "";
    var checks = JSON.parse(f.dataset.checks), check = checks[""] || checks[(form.elements.country || {}).value];
    return check && !new RegExp("^(?:" + check[0] + ")$", "u").test(value) ? check[1] : "";
  }
  // What an emergency hides is not asked, and what only an emergency asks is asked in no other case.
  function asked(f) {
    var part = f.closest(".in-emergency, .no-emergency");
    return !part || getComputedStyle(part).display !== "none";
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
  var summary = document.getElementById("problems");
  function label(at) {
    var words = at.dataset.label || (at.tagName === "FIELDSET" ? at.querySelector("legend") : at.labels[0]).firstChild.textContent.trim();
    return /[?.!:]$/.test(words) ? words : words + ":";
  }
  function summarise(wrong) {
    var list = summary.querySelector("ul"), seen = [];
    list.textContent = "";
    wrong.map(holder).forEach(function (at) {
      if (seen.indexOf(at) >= 0) return;
      seen.push(at);
      var line = document.createElement("li"), link = document.createElement("a"), name = document.createElement("strong");
      link.href = "#" + at.id;
      name.textContent = label(at);
      link.append(name, " " + document.getElementById(at.id + "-error").textContent);
      line.append(link);
      list.append(line);
    });
    summary.querySelector("h2").textContent = seen.length === 1 ? summary.dataset.one : summary.dataset.more.replace("2", seen.length);
    if (document.title.indexOf(summary.dataset.error) !== 0) document.title = summary.dataset.error + " " + document.title;
    summary.hidden = false;
    summary.focus();
  }
  summary.addEventListener("click", function (event) {
    var at = event.target.closest("a") && document.getElementById(event.target.closest("a").hash.slice(1));
    if (!at) return;
    event.preventDefault();
    if (at.closest("details")) at.closest("details").open = true;
    (at.querySelector("input") || at).focus();
  });
  // Not while a finger or button is down: a sentence that appears would move what is being pressed from under it.
  var pressed = false, left = null;
  function look() { setTimeout(function () { if (left && !pressed) { judge(left); left = null; } }, 0); }
  document.addEventListener("pointerdown", function () { pressed = true; });
  ["pointerup", "pointercancel"].forEach(function (end) { document.addEventListener(end, function () { pressed = false; look(); }); });
  form.addEventListener("focusout", function (event) {
    var f = event.target;
    if (!f.name || !f.value || !f.willValidate || f.type === "radio" || f.type === "submit" || f.closest(".trap")) return;
    left = f;
    look();
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
    var wrong = fields().filter(function (f) { return asked(f) && !judge(f); });
    if (wrong.length) {
      event.preventDefault();
      summarise(wrong);
      return;
    }
    var button = Array.prototype.filter.call(form.querySelectorAll(".actions button"), asked)[0];
    var busy = button.getAttribute("aria-busy"), whole = form.elements.step.value === "2" || button.name === "send";
    if (busy || whole || unsolved) event.preventDefault();
    if (busy) return;
    button.setAttribute("aria-busy", "true");
    var solved = unsolved ? solving : Promise.resolve();
    if (whole) solved.then(function () { window.relaySend(form, button); });
    else {
      if (unsolved) solved.then(function () { form.submit(); });
      try { if (store) store.setItem(left_for, "1"); } catch (e) { store = null; }
    }
  });

  // The browser itself goes to step 2. Whoever comes back from an answer that was none of our pages is told what to do.
  function returned(event) {
    var visit = performance.getEntriesByType("navigation")[0], back = event.persisted || (visit && visit.type === "back_forward");
    if (!store || !store.getItem(left_for)) return;
    store.removeItem(left_for);
    if (back) window.relayBusy();
  }
  window.addEventListener("pageshow", returned);
  window.addEventListener("pageshow", function () { var b = form.querySelector("[aria-busy]"); if (b) b.removeAttribute("aria-busy"); });
})();
