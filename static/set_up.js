// Chooses the browser's time zone, which no request tells, where none was chosen before.
const zones = document.querySelector("[data-of-browser]");
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zones && [...zones.options].some((option) => option.value === own)) zones.value = own;
