/** Before the first test file. */
export { startRecorder as default } from "./start";
