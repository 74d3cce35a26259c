/** After the last test file. */
export { endRecorder as default } from "./start";
