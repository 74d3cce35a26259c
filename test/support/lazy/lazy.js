/** A module that is loaded when something is read from it, not when it is imported. */
module.exports = (load) => {
  let module;
  const loaded = () => (module ??= load());
  return new Proxy(
    {},
    {
      // Compiled TypeScript copies the members of what it imports, except of ES modules.
      get: (_, name) => (name === "__esModule" ? true : name === "default" ? loaded() : loaded()[name]),
    },
  );
};
