import { defaultStorageClass } from "../../src/kubernetes/storage-class";

test("volumes that name no class are encrypted, made where their pod runs, and gone with their claim", () => {
  expect(defaultStorageClass()).toMatchObject({
    metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: "ebs.csi.aws.com",
    parameters: { encrypted: "true" },
    volumeBindingMode: "WaitForFirstConsumer",
    reclaimPolicy: "Delete",
  });
});
