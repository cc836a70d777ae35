/** A function of the provider that does nothing: by calling it a program has the engine start the provider. */
export const START_TOKEN = "propiq:index:start";
