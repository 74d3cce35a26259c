/** A service of AWS does not do what it is asked, in its words. */
export class Refusal extends Error {}
