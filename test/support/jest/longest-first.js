const { join } = require("node:path");
const { default: Sequencer } = require("@jest/test-sequencer");

/**
 * The files of the cluster and the engine tier that take a minute and more, the longest first. A long file that begins last keeps one worker busy after the others
 * have ended. jest knows how long a file takes where it has run before; elsewhere it goes by the size of the file, and most of these are small.
 */
const LONG = [
  "engine/upgrades/plan",
  "engine/upgrades/states",
  "engine/destroy",
  "engine/failures",
  "engine/interrupted",
  "engine/command-line",
  "engine/upgrades/first-up",
  "engine/readme",
  "engine/up",
  "engine/unknown-values",
  "engine/upgrades/kubernetes-versions",
  "engine/policy-config",
  "engine/providers/engine",
  "cluster/trial/published",
  "cluster/doctor/active",
  "cluster/doctor/doctor",
  "cluster/selectors/soundness",
  "cluster/live-rehearsal",
  "cluster/trial/agreement",
  "cluster/differential/differential",
  "cluster/relayout/relayout",
  "cluster/relayout/reboot",
  "cluster/objects",
  "cluster/planner/planner",
  "cluster/planner/what-if",
  "cluster/fleet/lifecycle",
  "cluster/monitoring/rules",
  "cluster/trial/documented",
  "cluster/fleet/partition-gate",
].map((file) => require.resolve(join(__dirname, "../..", `${file}.test.ts`)));

module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (LONG.includes(path) ? LONG.indexOf(path) : LONG.length);
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
