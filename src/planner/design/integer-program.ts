/** A linear program with integer columns as data, and what a solver answers. */

/** A decision. Columns are numbered in the order in which they are added. */
export interface Column {
  readonly cost: number;
  readonly lower: number;
  readonly upper: number;
  readonly integer: boolean;
}

/** `lower <= sum of factor * column <= upper`. */
export interface Row {
  readonly lower: number;
  readonly upper: number;
  readonly terms: readonly Term[];
}

export interface Term {
  readonly column: number;
  readonly factor: number;
}

/** Its objective is to make the sum of costs small. */
export class IntegerProgram {
  readonly columns: Column[] = [];
  readonly rows: Row[] = [];

  /** @returns the number of the column. */
  add({ cost = 0, lower = 0, upper = Infinity, integer = true }: Partial<Column>): number {
    return this.columns.push({ cost, lower, upper, integer }) - 1;
  }

  atLeast(lower: number, terms: readonly Term[]): void {
    this.rows.push({ lower, upper: Infinity, terms });
  }

  exactly(value: number, terms: readonly Term[]): void {
    this.rows.push({ lower: value, upper: value, terms });
  }
}

export type Solution =
  /** `bound`: no solution costs less. `proven`: nothing is cheaper than this one. */
  | {
      readonly type: "solved";
      readonly values: readonly number[];
      readonly cost: number;
      readonly bound: number;
      readonly proven: boolean;
    }
  | { readonly type: "infeasible" }
  /** The time was over before there was a solution. */
  | { readonly type: "unknown" };

export type Solver = (program: IntegerProgram, limitSeconds: number) => Promise<Solution>;
