"""The web floor for people: pages, forms, lists, sign-in. It reads and writes business records through engine/records only,
and never queries a business table by itself.

Control templates of field types
================================
A field type's control lies beside its KIND as ``engine/fields/<type>.html`` (a type whose control equals another's may include
it: ``{% include "fields/text.html" %}``). It draws the control alone; label, star, help and error text around it are drawn by the
form. The same template serves the record form, the cells of a lines grid and inline editing in a list. Variables it is given:

========== ==============================================================================================================
field       the compiled field: ``field.name``, ``field.label`` (Text: ``field.label(lang)``), its options
value       what to show, always a text ("" for blank): what was typed if the form came back, else the kind's edit text
name        the name of the input (``amount``; in lines ``lines.3.price``)
id          the id of the input, unique on the page
error       the refusal's message at this field, "" if there is none
readonly    the viewer may see and not change it, or it is computed
required    a value must be given
lang        ``zh`` or ``en``
record      the record as it is stored (mapping field name -> value), or None for a new one
grid        True inside a lines grid or a list cell: no margin, the border shows on focus only (the CSS does it)
attrs       ready markup: id, name, class-free; aria-describedby, aria-invalid, aria-label (in grids), required, readonly or
            disabled, data-field. Put it into the one focusable element: ``<input type="text" {{ attrs }} value="{{ value }}">``
choices     for choice-like types: list of (name, label text, colour or "", retired) in definition order; retired ones only if chosen
shown       for links and users: the label text of the present value, "" if blank or not readable
source      for links and users: the address that answers the picker's search (JSON); "" elsewhere
symbol      for money: the currency sign
render      for lines: ``render(column_field, row_index, row)`` draws one cell's control; rarely needed elsewhere
========== ==============================================================================================================

Classes: ``input`` for text-like inputs, ``textarea``, ``select``, ``check`` for boxes. ``data-control="…"`` tells the script what to add
(``date``, ``datetime``, ``link``, ``number``, ``grow``); a control must work, plainer, without any script. A script of its own is
``engine/fields/<type>.js`` (an ES module that exports ``attach(root)``; the front-end build collects them). Templates escape by
themselves: never ``|safe``. Helpers: ``{{ icon("calendar") }}`` inlines an icon, ``{{ t.name }}`` is a text of the screens' catalogue.

    {# engine/fields/money.html #}
    <span class="affix">{% if symbol %}<span class="affix-text">{{ symbol }}</span>{% endif %}
    <input class="input num" type="text" inputmode="decimal" data-control="number" {{ attrs }} value="{{ value }}"></span>
"""
