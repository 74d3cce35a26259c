/** HiGHS as the solver. Whoever loads its WebAssembly hands it in: this part does no I/O. */
import type { Highs, Model } from "highs";
import type { IntegerProgram, Solution, Solver } from "./integer-program";

/** A ten-thousandth of a cent: less than any two price lists differ by. By default HiGHS stops at 0.01 % of the cost, which is no proof. */
const ABSOLUTE_GAP = 1e-6;

/** @param pause is waited for before each program: HiGHS lets nothing else run, such as a line of progress. */
export function highsSolver(highs: Highs, pause: () => Promise<void>): Solver {
  return async (program, limitSeconds) => {
    await pause();
    return highs.withModel(modelData(highs, program), (model) => {
      model.options.set({ output_flag: false, time_limit: limitSeconds, mip_rel_gap: 0, mip_abs_gap: ABSOLUTE_GAP });
      model.run();
      return solutionOf(highs, program, model);
    });
  };
}

function solutionOf({ constants: { modelStatus, solutionStatus } }: Highs, program: IntegerProgram, model: Model): Solution {
  const status = model.getModelStatus();
  if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) {
    return { type: "infeasible" };
  }
  if (model.info.get("primal_solution_status") !== solutionStatus.feasible) {
    return { type: "unknown" };
  }
  // Integers come back with the noise of floating point.
  const values = [...model.getSolution().colValue].map((value, index) =>
    program.columns[index]?.integer === true ? Math.round(value) : value,
  );
  const cost = values.reduce((sum, value, index) => sum + value * (program.columns[index]?.cost ?? 0), 0);
  const proven = status === modelStatus.optimal;
  return { type: "solved", values, cost, bound: proven ? cost : Number(model.info.get("mip_dual_bound")), proven };
}

function modelData({ constants, infinity }: Highs, { columns, rows }: IntegerProgram) {
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const { terms } of rows) {
    indices.push(...terms.map(({ column }) => column));
    values.push(...terms.map(({ factor }) => factor));
    starts.push(indices.length);
  }
  const bound = (upper: number): number => (upper === Infinity ? infinity : upper);
  const { integer, continuous } = constants.variableType;
  return {
    numCols: columns.length,
    numRows: rows.length,
    colCost: columns.map(({ cost }) => cost),
    colLower: columns.map(({ lower }) => lower),
    colUpper: columns.map(({ upper }) => bound(upper)),
    rowLower: rows.map(({ lower }) => lower),
    rowUpper: rows.map(({ upper }) => bound(upper)),
    matrix: { format: "csr" as const, numRows: rows.length, numCols: columns.length, starts, indices, values },
    integrality: columns.map((column) => (column.integer ? integer : continuous)),
  };
}
