// Values of the form that the link's own filter reads, and the record that is edited, as the server asks for them.
export const others = (select) => {
  const { form } = select;
  const reads = (select.dataset.depends ?? "").split(" ").filter(Boolean);
  if (form?.matches(".cell-form")) return `&record=${form.closest("[data-id]")?.dataset.id ?? ""}`;
  if (!form?.matches("[data-form]") || !reads.length) return "";
  const prefix = select.name.replace(/[^.]*$/, "");
  const number = prefix ? null : /^\/o\/[^/]+\/(\d+)\//.exec(form.getAttribute("action"));
  const values = reads.flatMap((name) => {
    // A box that is not ticked says so by the hidden field beside it.
    const found = [...form.elements].filter((one) => one.name === prefix + name && (!/^(checkbox|radio)$/.test(one.type) || one.checked));
    return found.length && found[0].value.length < 1000 ? [`&v.${name}=${encodeURIComponent(found[0].value)}`] : [];
  });
  return (number ? `&record=${number[1]}` : "") + values.join("");
};
