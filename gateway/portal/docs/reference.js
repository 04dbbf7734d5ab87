// One Swagger UI over the four services' schemas; the drop-down of the standalone layout chooses.
SwaggerUIBundle({
  dom_id: "#ui",
  layout: "StandaloneLayout",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  urls: ["auth", "points", "payments", "warehouse"].map((name) => ({ name, url: `/api/v1/${name}/swagger.json` })),
  "urls.primaryName": "points",
  persistAuthorization: true,
  queryConfigEnabled: false,
});
