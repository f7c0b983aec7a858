/** The part of a record's loans that the page of an absent record shows. */
export { LoanGone as default } from "./record-loans";
