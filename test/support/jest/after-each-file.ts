/** Runs in every test file, before its tests. A file of helpers may be loaded once for several test files, so it cannot ask for this itself. */
import { removeFolders } from "../folder";

afterAll(removeFolders);
