/** What AWS has only one of: names in an account, principals in a cluster, routes in a table. */

/** Arguments that no two things of a type share, and what AWS says of a second one. */
export interface Unique {
  readonly by: readonly string[];
  readonly error: (values: Readonly<Record<string, string>>) => string;
}

export const UNIQUE: Readonly<Record<string, Unique>> = {
  "aws:cloudwatch/eventRule:EventRule": { by: ["name"], error: ({ name }) => `ResourceAlreadyExistsException: Rule ${name} exists` },
  "aws:cloudwatch/logGroup:LogGroup": {
    by: ["name"],
    error: ({ name }) => `ResourceAlreadyExistsException: The specified log group already exists: ${name}`,
  },
  "aws:ec2/internetGateway:InternetGateway": {
    by: ["vpcId"],
    error: ({ vpcId }) => `Resource.AlreadyAssociated: resource ${vpcId} is already attached to an internet gateway`,
  },
  "aws:ec2/launchTemplate:LaunchTemplate": {
    by: ["name"],
    error: ({ name }) => `InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use: ${name}`,
  },
  "aws:ec2/natGateway:NatGateway": {
    by: ["allocationId"],
    error: ({ allocationId }) => `Resource.AlreadyAssociated: Elastic IP address [${allocationId}] is already associated`,
  },
  "aws:ec2/placementGroup:PlacementGroup": {
    by: ["name"],
    error: ({ name }) => `InvalidPlacementGroup.Duplicate: The placement group '${name}' already exists`,
  },
  "aws:ec2/route:Route": {
    by: ["routeTableId", "destinationCidrBlock"],
    error: ({ destinationCidrBlock }) => `RouteAlreadyExists: The route identified by ${destinationCidrBlock} already exists.`,
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    by: ["subnetId"],
    error: ({ subnetId }) => `Resource.AlreadyAssociated: the specified association for ${subnetId} conflicts with an existing association`,
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    by: ["name", "vpcId"],
    error: ({ name, vpcId }) => `InvalidGroup.Duplicate: The security group '${name}' already exists for VPC '${vpcId}'`,
  },
  "aws:eks/accessEntry:AccessEntry": {
    by: ["clusterName", "principalArn"],
    error: () => "ResourceInUseException: The specified access entry resource is already in use on this cluster.",
  },
  "aws:eks/addon:Addon": {
    by: ["clusterName", "addonName"],
    error: ({ addonName }) => `ResourceInUseException: Addon already exists: ${addonName}`,
  },
  "aws:eks/cluster:Cluster": { by: ["name"], error: ({ name }) => `ResourceInUseException: Cluster already exists with name: ${name}` },
  "aws:eks/nodeGroup:NodeGroup": {
    by: ["clusterName", "nodeGroupName"],
    error: ({ clusterName, nodeGroupName }) =>
      `ResourceInUseException: NodeGroup already exists with name ${nodeGroupName} and cluster name ${clusterName}`,
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    by: ["clusterName", "namespace", "serviceAccount"],
    error: ({ namespace, serviceAccount }) => `ResourceInUseException: Association already exists: ${namespace}/${serviceAccount}`,
  },
  "aws:iam/instanceProfile:InstanceProfile": {
    by: ["name"],
    error: ({ name }) => `EntityAlreadyExists: Instance Profile ${name} already exists.`,
  },
  "aws:iam/policy:Policy": { by: ["name"], error: ({ name }) => `EntityAlreadyExists: A policy called ${name} already exists.` },
  "aws:iam/role:Role": { by: ["name"], error: ({ name }) => `EntityAlreadyExists: Role with name ${name} already exists.` },
  "aws:kms/alias:Alias": { by: ["name"], error: ({ name }) => `AlreadyExistsException: An alias with the name ${name} already exists` },
  "aws:sqs/queue:Queue": { by: ["name"], error: ({ name }) => `QueueAlreadyExists: A queue named ${name} exists already` },
};
