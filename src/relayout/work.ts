/** What a relayout does to each node: as it is asked, and as it is planned. */
import type { Run } from "./run";

/** What is done to each node. */
export type WorkQuestion =
  /** It gets this layout. */
  | { readonly type: "layout"; readonly layout: string }
  /** It restarts, and keeps its layout. */
  | { readonly type: "reboot" };

export type Work =
  | {
      readonly type: "layout";
      readonly layout: string;
      /** Layouts of before, by node. */
      readonly from: ReadonlyMap<string, string>;
    }
  | {
      readonly type: "reboot";
      readonly run: Run;
      /** The layout that each node keeps. */
      readonly layouts: ReadonlyMap<string, string>;
    };
