package names_test

import (
	"strings"
	"testing"

	"citystats/transforms/names"
)

func regions() *names.Index {
	return names.NewIndex("region", []names.Entry{
		{Key: "340100", Label: "340100 Hefei 合肥市", Names: []string{"Hefei", "合肥市"}, Aliases: []string{"合肥"}},
		{Key: "320500", Label: "320500 Suzhou 苏州市", Names: []string{"Suzhou", "苏州市"}, Aliases: []string{"苏州"}},
		{Key: "341300", Label: "341300 Suzhou (Anhui) 宿州市", Names: []string{"Suzhou (Anhui)", "宿州市"}, Aliases: []string{"宿州"}},
		{Key: "610100", Label: "610100 Xi'an 西安市", Names: []string{"Xi'an", "西安市"}, Aliases: []string{"西安"}},
		{Key: "341400", Label: "341400 Chaohu (prefecture) 巢湖市", Names: []string{"Chaohu (prefecture)"}, Aliases: []string{"Chaohu", "巢湖"}},
		{Key: "340181", Label: "340181 Chaohu 巢湖市", Names: []string{"Chaohu (county)"}, Aliases: []string{"Chaohu", "巢湖"}},
	})
}

func TestFind(t *testing.T) {
	for in, want := range map[string]string{
		"hefei": "340100", "Hefei": "340100", "340100": "340100", "合肥": "340100", "合肥市": "340100", "ＨＥＦＥＩ": "340100",
		"suzhou": "320500", "宿州": "341300", "suzhou (anhui)": "341300", "xian": "610100", "Xi’an": "610100",
	} {
		if got, err := regions().Find(in); err != nil || got != want {
			t.Errorf("Find(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestFindUnknownNamesTheNearest(t *testing.T) {
	_, err := regions().Find("heifei")
	if err == nil || !strings.Contains(err.Error(), "nearest are 340100 Hefei 合肥市") {
		t.Errorf("Find(heifei) = %v, want Hefei offered first", err)
	}
	if _, err := regions().Find(""); err == nil {
		t.Error("an empty name found something")
	}
}

func TestFindSharedAliasNamesBoth(t *testing.T) {
	_, err := regions().Find("巢湖")
	if err == nil || !strings.Contains(err.Error(), "341400") || !strings.Contains(err.Error(), "340181") {
		t.Errorf("Find(巢湖) = %v, want both Chaohus named: choosing one would be a guess", err)
	}
}
