/* A file that is too large is told at its field before it is sent: an upload takes minutes on a phone, and what is far too
   large the API turns away by itself, before our page could say why. */
(() => {
  "use strict";
  const input = document.querySelector("input[type=file][data-most]");
  if (!input) return;
  const field = input.closest(".field"), id = input.id + "-error", others = (input.getAttribute("aria-describedby") || "").split(" ").filter(each => each && each !== id);
  const tooLarge = () => input.files.length > 0 && input.files[0].size > Number(input.dataset.most);
  const judge = () => {
    const wrong = tooLarge();
    document.getElementById(id)?.remove(); // also what the server said of the file before
    field.classList.toggle("wrong", wrong);
    input.removeAttribute("aria-invalid");
    if (wrong) {
      const note = document.createElement("p");
      note.className = "error";
      note.id = id;
      note.setAttribute("role", "alert");
      note.textContent = input.dataset.message;
      input.before(note);
      input.setAttribute("aria-invalid", "true");
    }
    input.setAttribute("aria-describedby", [...others, ...(wrong ? [id] : [])].join(" "));
  };
  input.addEventListener("change", judge);
  input.form.addEventListener("submit", event => {
    if (!tooLarge()) return;
    event.preventDefault();
    input.focus();
  });
})();
