export default function Expert(_: { source: string; locked: boolean; onChange: (source: string) => void }) { return null; }
