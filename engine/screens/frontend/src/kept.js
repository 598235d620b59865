// Where drafts lie: in the page's own store, which is there at once and takes what is written as a page goes, and in the browser's
// database, which is written through: of the store, a browser that is killed loses the last minute. What is newer counts.
export const PREFIX = "tenon-draft:";
const STORE = "drafts";
const WAITED = 1000; // milliseconds, at the most, until a draft is gone

let opened;

const open = () =>
  (opened ??= new Promise((done) => {
    try {
      const asked = indexedDB.open("tenon-drafts", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done(null);
    } catch {
      done(null); // a browser that keeps none
    }
  }));

const ask = async (mode, work) => {
  const base = await open();
  return new Promise((done) => {
    try {
      const act = base.transaction(STORE, mode);
      const asked = work(act.objectStore(STORE));
      act.oncomplete = () => done(asked.result);
      act.onabort = () => done(undefined);
      act.commit(); // a page that goes away leaves nothing half done
    } catch {
      done(undefined);
    }
  });
};

const soon = (work) => Promise.race([work, new Promise((done) => setTimeout(done, WAITED))]);

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
};

const held = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

export const put = (key, draft) => {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // no room left there
  }
  return ask("readwrite", (store) => store.put(draft, key));
};

export const drop = (...keys) => {
  keys.forEach((key) => localStorage.removeItem(key));
  return soon(Promise.all(keys.map((key) => ask("readwrite", (store) => store.delete(key)))));
};

export const dropAll = () => {
  held().forEach((key) => localStorage.removeItem(key));
  return soon(ask("readwrite", (store) => store.clear()));
};

export const newest = async (...keys) => {
  const stored = await Promise.all(keys.map((key) => ask("readonly", (store) => store.get(key))));
  return [...stored, ...keys.map(read)].reduce((one, other) => ((other?.at ?? 0) > (one?.at ?? 0) ? other : one), null);
};

// Drop what was kept before a moment.
export const sweep = async (before) => {
  for (const key of held()) if (!(read(key)?.at > before)) localStorage.removeItem(key);
  for (const key of (await ask("readonly", (store) => store.getAllKeys())) ?? []) {
    if (!((await ask("readonly", (store) => store.get(key)))?.at > before)) await drop(key);
  }
};
