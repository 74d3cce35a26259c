import { BINDING_MACROS } from "../syntax/macros";
import type { Library } from "./library";

/** cel-go's `cel.bind`, version 0. */
export const BINDINGS_V0: Library = { macros: BINDING_MACROS };
