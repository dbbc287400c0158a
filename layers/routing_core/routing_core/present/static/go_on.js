/* A long job goes on by itself while its page is open; without this its button does. */
(() => { const form = document.querySelector("form[data-go-on]"); if (form) setTimeout(() => form.submit(), 300); })();
