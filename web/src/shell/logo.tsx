export function Logo() {
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="7" className="logo-ground" /><path d="M16 6 5.5 14.5M16 6l10.5 8.5M11.5 15.5h9M11 20h10v6H11z" className="logo-mark" /></svg>
      <b>合力</b><span className="soft">Heli</span>
    </span>
  );
}
