// Values of the form that the link's own filter may read, as the server asks for them.
export const others = (select) => {
  const form = select.form;
  if (!form?.matches("[data-form]")) return "";
  const prefix = select.name.replace(/[^.]*$/, "");
  return [...form.elements]
    .filter((one) => one.name.startsWith(prefix) && !one.name.slice(prefix.length).includes(".") && !one.name.startsWith("_") && one !== select)
    .filter((one) => one.value && one.value.length < 60 && one.tagName !== "TEXTAREA")
    .map((one) => `&v.${one.name.slice(prefix.length)}=${encodeURIComponent(one.value)}`)
    .join("");
};

