import { layoutFindings } from "../../../policy-pack/resources/pool-layout";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";

test.each([undefined, 7, UNKNOWN, "nothing.large", "m6i.large", "p3.2xlarge", "p4d.24xlarge"])("a layout on %p", (type) => {
  expect(layoutFindings("all-balanced", type, undefined)).toMatchSnapshot();
});
