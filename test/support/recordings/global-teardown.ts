/** After the last test file. */
export { closeRecordings as default } from "./folder";
