/** Our own line icons on a 16 × 16 grid. Always decorative: the control beside them carries the words. */
const PATHS = {
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8zM6.8 14.2h2.4",
  inbox: "M2 9.5 4 3.5h8l2 6v3H2zM2 9.5h3.5l1 1.5h3l1-1.5H14",
  building: "M3 13.5v-11h6v11M9 6h4v7.5M1.5 13.5h13M5 5h2M5 7.5h2M5 10h2M11 8.5v0M11 11v0",
  target: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M8 8v0",
  file: "M4 1.8h5.2L12.5 5v9.2H4zM9 2v3.3h3.3M6 8.2h4M6 10.8h4",
  headset: "M2.5 10V8a5.5 5.5 0 0 1 11 0v2M2.5 9h2v4h-2zM11.5 9h2v4h-2zM13.5 13c0 1-1.5 1.5-4 1.5",
  flag: "M3.5 14.5v-12M3.5 3c3-1.5 5 1.5 9 0v6c-4 1.5-6-1.5-9 0",
  user: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8M2.8 14c.4-3 2.5-4.3 5.2-4.3s4.8 1.3 5.2 4.3",
  users: "M6 7.5a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8M1.5 13.5C1.8 10.8 3.5 9.5 6 9.5s4.2 1.3 4.5 4M10.5 2.9a2.4 2.4 0 0 1 0 4.4M12 9.8c1.5.5 2.3 1.8 2.5 3.7",
  megaphone: "M2.5 6.5v3l8 3.5V3zM10.5 6a2 2 0 0 1 0 4M4 10.2l.8 3.3h2L6.2 11",
  box: "M8 1.8 13.5 4.8v6.4L8 14.2 2.5 11.2V4.8zM2.5 4.8 8 7.8l5.5-3M8 7.8v6.4",
  quote: "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h2.5",
  cart: "M1.5 2.5h2l1.5 8h7l1.5-6H4M6 13.5v0M11.5 13.5v0",
  coin: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.5 5 8 8l2.5-3M8 8v3.5M6 8.5h4M6 10.2h4",
  receipt: "M3.5 1.8v12.4l1.5-1 1.5 1 1.5-1 1.5 1 1.5-1 1.5 1V1.8zM6 5h4M6 8h4",
  star: "m8 2 1.9 3.9 4.2.6-3 3 .7 4.2L8 11.7l-3.8 2 .7-4.2-3-3 4.2-.6z",
  bulb: "M5.8 11a4.2 4.2 0 1 1 4.4 0v1.2H5.8zM6.5 14.2h3",
  task: "M2.8 2.8h10.4v10.4H2.8zM5.3 8.2l2 2 3.5-4.2",
  folder: "M2 4h4l1.3 1.5H14v7.5H2z",
  clip: "m12.5 7.5-5 5a2.8 2.8 0 0 1-4-4l5.5-5.5a1.9 1.9 0 0 1 2.7 2.7L6.5 11a.9.9 0 0 1-1.3-1.3l4.6-4.5",
  phone: "M5.5 2.5 3 3c0 5.5 4.5 10 10 10l.5-2.5-3-1.5-1.5 1.2A8 8 0 0 1 5.8 7L7 5.5z",
  grid: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  tree: "M6 2h4v3H6zM1.5 11h4v3h-4zM10.5 11h4v3h-4zM8 5v3M3.5 11V8h9v3",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.3 10.3 14 14",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  filter: "M2 3.5h12M4.5 8h7M6.5 12.5h3",
  sort: "M5 3v10M2.5 10.5 5 13l2.5-2.5M11 13V3M8.5 5.5 11 3l2.5 2.5",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  rows: "M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11",
  lock: "M3.5 7.2h9v6.3h-9zM5.5 7.2V5a2.5 2.5 0 0 1 5 0v2.2",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6",
  x: "m4 4 8 8M12 4l-8 8",
  check: "m3 8.5 3.3 3.3L13 4.8",
  down: "m4 6 4 4 4-4",
  right: "m6 4 4 4-4 4",
  left: "m10 4-4 4 4 4",
  arrow: "M3 8h10M9 4l4 4-4 4",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.8V8l2.2 1.5",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
  globe: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M2 8h12M8 2c2 2 2.5 4 2.5 6S10 12 8 14M8 2C6 4 5.5 6 5.5 8S6 12 8 14",
  leave: "M6.5 2.5h-4v11h4M10.5 5l3 3-3 3M13.5 8H6",
  keyboard: "M1.5 4h13v8h-13zM4 6.5v0M6.5 6.5v0M9 6.5v0M11.5 6.5v0M5 9.5h6",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4",
  edit: "M2.5 13.5 3 10.5l7.5-7.5 2.5 2.5L5.5 13zM9 4.5 11.5 7",
  upload: "M8 10.5V2.5M4.8 5.7 8 2.5l3.2 3.2M2.5 10.5v3h11v-3",
  download: "M8 2.5v8M4.8 7.3 8 10.5l3.2-3.2M2.5 10.5v3h11v-3",
  shield: "M8 1.8 13 3.5v4.3c0 3-2 5.2-5 6.4-3-1.2-5-3.4-5-6.4V3.5zM5.8 8l1.6 1.6L10.3 6.5",
  ban: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M3.8 3.8l8.4 8.4",
  swap: "M2.5 5.5h10M10 3l2.5 2.5L10 8M13.5 10.5h-10M6 8l-2.5 2.5L6 13",
  comment: "M2.5 3h11v8h-6L4.5 13.5V11h-2z",
  history: "M2.5 8A5.5 5.5 0 1 1 4 11.8M2.5 8 1.2 6.6M2.5 8 4 6.7M8 5v3l2 1.5",
  alert: "M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.8v0",
  undo: "M6 3 2.5 6.5 6 10M2.5 6.5h7a4 4 0 0 1 0 7.5H7",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.5V11M8 5v0",
  out: "M6.5 3.5h-4v10h10v-4M9 2.5h4.5V7M13.5 2.5 7.5 8.5",
  dots: "M3.5 8v0M8 8v0M12.5 8v0",
  board: "M2.5 3h3v10h-3zM6.7 3h3v6.5h-3zM10.9 3h3v8h-3z",
  save: "M3 2.5h7.5l2.5 2.5v8.5H3zM5.5 2.5v4h5v-4M5.5 13.5V10h5v3.5",
  key: "M5 11.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4M7.5 8.8h7M12 8.8v2.5M14.3 8.8V11",
} as const;

export type IconName = keyof typeof PATHS;
const BY_TYPE: Record<string, IconName> = {
  account: "building", contact: "user", lead: "flag", opportunity: "target", activity: "phone", campaign: "megaphone", product: "box",
  quote: "quote", contract: "file", order: "cart", payment: "coin", invoice: "receipt", ticket: "headset", satisfaction: "star",
  feedback: "bulb", task: "task", project: "folder", document: "clip", person: "user", department: "tree", mention: "comment",
};

export function Icon({ name, small }: { name: IconName; small?: boolean }) {
  return (
    <svg className={small ? "icon small" : "icon"} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The icon of an object type: by its code, else by the name it declares, else a sheet of paper. */
export function iconOf(type: string, declared?: string): IconName {
  const named = BY_TYPE[type];
  if (named) return named;
  return declared && declared in PATHS ? (declared as IconName) : "file";
}
