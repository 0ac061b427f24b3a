"""Secrets out, before anything is kept, matched or shown.

    detector = Detector(Rules())         which rules, and the values known to be secret
    redactor = Redactor(detector)        numbers what it finds: one for each document
    redactor.value(json), .text(text)    new values; what holds no secret comes back as it is

Layers, the surest first: values this session knows (`known`), values under secret names
(`names`, `json_strings`), shapes (`shapes`, by the list in `vendors`, and `pem`), and what stands
beside words such as `password:` (`contexts`). Personal data is looked for on request only (`pii`).
"""
