// The address of the list as it stands: what a person does without going anywhere is kept in it, and in what "save as a view" would keep.
const LOST = ["after", "edit", "saved"]; // of an address a view keeps none of these

export const keepAddress = (change) => {
  const search = new URLSearchParams(location.search);
  change(search);
  const text = search.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  history.replaceState(history.state, "", `${location.pathname}${text ? `?${text}` : ""}`);
  const kept = document.querySelector("#save-view [name=query]");
  if (!kept) return;
  for (const name of LOST) search.delete(name);
  kept.value = search.toString();
};
