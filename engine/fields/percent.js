// A bare number typed into a percent means hundredths: the sign is put behind it, so that nobody has to guess what 0.5 was to be.
export function attach(root) {
  for (const input of root.querySelectorAll('input[data-control="percent"]')) {
    if (input.dataset.attached) continue;
    input.dataset.attached = "1";
    input.addEventListener("change", () => {
      const typed = input.value.trim();
      if (/^[-+−]?[0-9０-９][0-9０-９,，.．]*$/.test(typed)) input.value = `${typed}%`;
    });
  }
}
