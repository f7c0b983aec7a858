import { describe, expect, it } from "vitest";
import { textOf } from "./reading";

const bytes = (text: string) => new TextEncoder().encode(text);
const GB = Uint8Array.from([...bytes('<?xml version="1.0" encoding="GB18030"?><a n="'), 0xd6, 0xd0, ...bytes('"/>')]);

describe("the text of a chosen file", () => {
  it("is read by what the file declares, and says UTF-8 from then on", () => {
    expect(textOf(bytes('<?xml version="1.0" encoding="UTF-8"?><a n="中"/>'))).toBe('<?xml version="1.0" encoding="UTF-8"?><a n="中"/>');
    expect(textOf(bytes('<a n="中"/>'))).toBe('<a n="中"/>');
    expect(textOf(GB)).toBe('<?xml version="1.0" encoding="UTF-8"?><a n="中"/>');
    const wide = "<?xml version='1.0' encoding='UTF-16'?><a/>";
    expect(textOf(Uint8Array.from([0xff, 0xfe, ...[...wide].flatMap((one) => [one.charCodeAt(0), 0])]))).toBe("<?xml version='1.0' encoding='UTF-8'?><a/>");
  });

  it("comes as well as it can where it is no XML, for whoever says what it is", () => {
    expect(textOf(Uint8Array.from([0x50, 0x4b, 3, 4, 0xff, 0, 0xfe]))).toMatch(/^PK\u0003\u0004/);
    expect(textOf(Uint8Array.from([0x50, 0x4b, 3, 4, 0xff, 0, 0xfe]))).not.toContain("\0");
  });

  it("is none where its bytes are not what it declares, rather than other letters", () => {
    expect(textOf(Uint8Array.from([...bytes('<?xml version="1.0" encoding="UTF-8"?><a n="'), 0xd6, 0xd0, ...bytes('"/>')]))).toBeNull();
    expect(textOf(bytes('<?xml version="1.0" encoding="no-such"?><a/>'))).toBeNull();
  });
});
