/** The table of a team's rights as a person reads it. `npm run test:cluster` holds it against a real API server. */
import { CONTROLLED_KINDS, CREATED_KINDS, TEAM_RIGHTS } from "../../src/well-known/team-rights";

const named = (group: string, resource: string) => (group === "" ? resource : `${resource}.${group}`);

test("a team reads and writes these kinds, and no others", () => {
  const rights = TEAM_RIGHTS.map(({ group, resources, verbs }) => [resources.map((each) => named(group, each)).join(" "), verbs.join(" ")]);
  const everything = "get list watch create update patch delete deletecollection";
  expect(rights).toEqual([
    ["pods services configmaps secrets persistentvolumeclaims", everything],
    ["pods/exec pods/attach pods/portforward", "create get"],
    ["pods/log pods/status events resourcequotas limitranges serviceaccounts", "get list watch"],
    ["deployments.apps deployments/scale.apps statefulsets.apps statefulsets/scale.apps", everything],
    ["replicasets.apps controllerrevisions.apps", "get list watch"],
    ["jobs.batch cronjobs.batch", everything],
    ["resourceclaims.resource.k8s.io resourceclaimtemplates.resource.k8s.io", everything],
    ["networkpolicies.networking.k8s.io", "get list watch"],
  ]);
});

test("these kinds a team or its controllers create, so the quota counts them", () => {
  expect(CREATED_KINDS.map(({ group, resource }) => named(group, resource))).toEqual([
    ...["pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "deployments.apps", "statefulsets.apps", "jobs.batch"],
    ...["cronjobs.batch", "resourceclaims.resource.k8s.io", "resourceclaimtemplates.resource.k8s.io"],
  ]);
  expect(CONTROLLED_KINDS.map(({ group, resource }) => named(group, resource))).toEqual(["replicasets.apps", "controllerrevisions.apps"]);
});
