// The enquiry has arrived: what the form kept is no longer needed.
try { Object.keys(sessionStorage).forEach(function (key) { if (key.indexOf("relay:") === 0) sessionStorage.removeItem(key); }); } catch (e) { /* storage is switched off */ }
