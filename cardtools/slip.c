/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/slip.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

/* A4, in points; folded at a third and at two thirds. */
enum { WIDTH = 595, HEIGHT = 842, MARGIN = 60, THIRD = HEIGHT / 3 };

static cairo_status_t
write_octets(void *closure, const unsigned char *octets, unsigned n)
{
	return fwrite(octets, 1, n, closure) == n ? CAIRO_STATUS_SUCCESS
						  : CAIRO_STATUS_WRITE_ERROR;
}

static void
put(cairo_t *cr, const char *font, int points, double y, const char *text)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoFontDescription *description =
	    pango_font_description_from_string(font);

	pango_font_description_set_size(description, points * PANGO_SCALE);
	pango_layout_set_font_description(layout, description);
	pango_layout_set_width(layout, (WIDTH - 2 * MARGIN) * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_text(layout, text, -1);
	cairo_move_to(cr, MARGIN, y);
	pango_cairo_show_layout(cr, layout);
	pango_font_description_free(description);
	g_object_unref(layout);
}

static void
put_fold(cairo_t *cr, double y)
{
	static const double dashes[] = {4, 4};

	cairo_set_line_width(cr, 0.5);
	cairo_set_dash(cr, dashes, 2, 0);
	cairo_move_to(cr, 0, y);
	cairo_line_to(cr, WIDTH, y);
	cairo_stroke(cr);
}

static void
draw(cairo_t *cr, const struct slip *s)
{
	static const char *const ja[] = {"親展", "1回限りのパスワード",
	    "最初のログインで、新しいパスワードに変更していただきます。"
	    "変更が済んだら、この紙は裁断してください。"
	    "封が開いていたときや、心当たりのないときは使わずに、"
	    "すぐに情報システム担当へご連絡ください。"};
	static const char *const en[] = {"To be opened by the addressee only",
	    "Password for one login",
	    "At your first login you will be asked for a new one. Shred this "
	    "page afterwards. If the seal was broken, or you did not expect "
	    "this, do not use it and call the help desk at once."};
	const char *const *text = s->english ? en : ja;

	put(cr, "Sans", 12, MARGIN, s->issuer);
	put(cr, "Sans", 12, MARGIN + 24, text[0]);
	put(cr, "Sans", 22, MARGIN + 64, s->name);
	put(cr, "Sans", 14, MARGIN + 104, s->login);
	put(cr, "Sans", 10, MARGIN + 140, s->date);
	put_fold(cr, THIRD);
	put(cr, "Sans", 12, THIRD + MARGIN, text[1]);
	put(cr, "Monospace", 28, THIRD + MARGIN + 40, s->secret);
	put(cr, "Sans", 11, THIRD + MARGIN + 110, text[2]);
	put_fold(cr, 2 * THIRD);
}

#ifdef SEKISHO_SANITIZED
/*
 * fontconfig keeps what it knows of fonts until the program ends; Pango has a
 * thread of its own read it, so that it cannot be given back without harm.
 */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}
#endif

enum error
slip_write(FILE *to, const struct slip *slip)
{
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
	    write_octets, to, WIDTH, HEIGHT);
	cairo_t *cr = cairo_create(surface);
	enum error err;

	draw(cr, slip);
	cairo_show_page(cr);
	cairo_destroy(cr);
	cairo_surface_finish(surface);
	err = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS &&
		      fflush(to) == 0
		  ? ERR_OK
		  : ERR_SYSTEM;
	cairo_surface_destroy(surface);
	return err;
}
