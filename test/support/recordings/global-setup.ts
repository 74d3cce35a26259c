/** Before the first test file. */
export { openRecordings as default } from "./folder";
