// The time of the mock: that of EXHUME_MOCK_NOW, or else the present. Import it before the fixtures.
const fixed = process.env.EXHUME_MOCK_NOW;

if (fixed) {
  const now = Date.parse(fixed);
  Date.now = () => now;
}
