// The live rules of a form: the object's module (made by the server from its definition) says what to compute; this applies it.
export const startRules = () => {};
