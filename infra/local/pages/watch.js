// Loads the page again when a new mail is in, unless the person is reading further down.
setInterval(async () => {
  if (document.hidden || scrollY > 200) return;
  const answer = await fetch("/mailbox/latest").catch(() => null);
  if (answer && answer.ok && (await answer.text()) !== "$latest") location.reload();
}, 3000);
