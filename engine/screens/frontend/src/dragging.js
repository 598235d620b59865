// Dragging of records between places, mouse and touch alike: loaded when there is something to drag.
const COMMON = {
  sort: false,
  animation: 120,
  forceFallback: true,
  fallbackOnBody: true,
  fallbackTolerance: 4,
  delay: 180,
  delayOnTouchOnly: true,
  emptyInsertThreshold: 40,
  ghostClass: "ghost",
};

export const draggable = async (places, options) => {
  const { default: Sortable } = await import("sortablejs");
  for (const place of places) Sortable.create(place, { ...COMMON, ...options });
};
