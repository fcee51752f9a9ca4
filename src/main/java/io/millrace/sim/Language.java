package io.millrace.sim;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * What mail of one language is made of: a charset that its older mailers use, names, words, and a
 * pool of sentences from which every body is cut, so that making 20 KB of text is one copy.
 */
final class Language {
  private static final int POOL_BYTES = 48 * 1024;

  static final List<Language> ALL =
      List.of(
          new Language(
              "us-ascii",
              "Grace Miller,John Carter,Olivia Brooks,Samuel Reed,Emma Hayes,Liam O'Connor",
              "the,and,we,report,meeting,please,invoice,team,attached,tomorrow,project,review,with,"
                  + "question,about,schedule,customer,thanks,update,for,release,before,Friday"),
          new Language(
              "us-ascii",
              "Daniel Kim,Priya Shah,Noah Turner,Chloe Evans,Marcus Bell,Sofia Lopez",
              "your,order,has,shipped,account,offer,today,new,save,see,more,now,member,free,week,"
                  + "deal,click,here,view,in,browser,news,price,until,midnight"),
          new Language(
              "iso-8859-1",
              "Jürgen Müller,Käthe Schäfer,Björn Weiß,Annegret Groß,Thomas Köhler,Uwe Lößl",
              "und,die,für,Besprechung,bitte,Rechnung,Grüße,über,nächste,Woche,Angebot,prüfen,"
                  + "schön,danke,Vertrag,möchte,können,Anhang,Straße,Termin,würde,bestätigen"),
          new Language(
              "iso-8859-15",
              "François Lefèvre,Zoé Dupré,Rémi Bérard,Hélène Côté,Léa Garçon,André Noël",
              "le,été,réunion,pièce,jointe,merci,être,à,bientôt,équipe,facture,déjà,projet,après,"
                  + "modifié,reçu,où,problème,français,prévu,semaine,voilà"),
          new Language(
              "iso-8859-1",
              "José Núñez,María Peña,Íñigo Gómez,Belén Ibáñez,Raúl Martínez,Ángela Ruiz",
              "el,mañana,reunión,gracias,adjunto,año,información,señor,también,está,así,proyecto,"
                  + "está,cómo,niño,según,último,correo,día,más,aquí,envío"),
          new Language(
              "iso-8859-2",
              "Łukasz Wójcik,Małgorzata Żak,Paweł Gąsior,Zdzisław Król,Ágnes Tóth,Jiří Dvořák",
              "dzień,dobry,proszę,załącznik,spotkanie,jutro,dziękuję,pytanie,będzie,został,może,"
                  + "wysłać,faktura,również,kiedy,źródło,części,wiadomość"),
          new Language(
              "koi8-r",
              "Иван Петров,Ольга Смирнова,Дмитрий Кузнецов,Анна Соколова,Сергей Попов,Юлия Орлова",
              "и,в,на,встреча,завтра,спасибо,отчёт,проект,пожалуйста,вложение,договор,вопрос,"
                  + "можно,счёт,письмо,новый,работа,если,когда,сегодня"),
          new Language(
              "windows-1253",
              "Νίκος Παππάς,Ελένη Γεωργίου,Γιώργος Νικολάου,Μαρία Ιωάννου,Άννα Δήμου",
              "και,το,συνάντηση,αύριο,ευχαριστώ,έργο,παρακαλώ,τιμολόγιο,ερώτηση,ομάδα,νέα,σήμερα,"
                  + "μήνυμα,αρχείο,για,με"),
          new Language(
              "windows-1254",
              "Gökçe Yıldız,İsmail Çelik,Şule Öztürk,Ümit Kılıç,Ayşe Güneş",
              "ve,toplantı,yarın,teşekkürler,ekte,proje,lütfen,fatura,soru,için,çok,güzel,değil,"
                  + "şimdi,görüşmek,üzere,bugün"),
          new Language(
              "utf-8",
              "דנה כהן,יוסי לוי,נועה מזרחי,סמיר חדאד,ليلى حسن,عمر فاروق",
              "של,את,פגישה,מחר,תודה,פרויקט,בבקשה,חשבונית,שאלה,צוות,היום,הודעה,مرحبا,اجتماع,غدا,"
                  + "شكرا,مشروع,سؤال"),
          new Language(
              "iso-2022-jp",
              "田中太郎,鈴木花子,佐藤健一,高橋美咲,伊藤さくら",
              "会議,明日,よろしく,お願い,します,資料,添付,確認,ありがとう,ございます,プロジェクト,請求書," + "質問,今週,予定,連絡"),
          new Language(
              "gb2312", "王伟,李娜,张敏,刘洋,陈静", "会议,明天,谢谢,附件,项目,请,发票,问题,今天,更新,客户,报告,安排,确认,我们,通知"));

  final String charset;
  final List<String> names;
  final List<String> words;

  private final byte[] poolBytes;
  private final int[] starts;

  private Language(String charset, String names, String words) {
    this.charset = Charset.isSupported(charset) ? charset : "utf-8";
    this.names = Arrays.asList(names.split(",", -1));
    this.words = Arrays.asList(words.split(",", -1));
    StringBuilder text = new StringBuilder();
    List<Integer> sentences = new ArrayList<>();
    Draw draw = new Draw(Hash.of(words));
    int bytes = 0;
    while (bytes < POOL_BYTES) {
      sentences.add(bytes);
      String sentence = sentence(draw, 4 + draw.below(14));
      text.append(sentence);
      bytes += sentence.getBytes(StandardCharsets.UTF_8).length;
    }
    String pool = text.toString();
    this.poolBytes = pool.getBytes(StandardCharsets.UTF_8);
    this.starts = sentences.stream().mapToInt(Integer::intValue).toArray();
  }

  /** A few words, as for a subject. */
  String phrase(Draw draw, int count) {
    StringBuilder phrase = new StringBuilder();
    for (int i = 0; i < count; i++) {
      phrase.append(i == 0 ? "" : " ").append(draw.pick(words));
    }
    return phrase.toString();
  }

  /** About so many bytes of UTF-8, whole sentences, the same for the same choice. */
  byte[] body(int choice, int size) {
    byte[] body = new byte[size + 1];
    int from = starts[choice % starts.length];
    int filled = 0;
    while (filled < size) {
      int count = Math.min(size - filled, poolBytes.length - from);
      System.arraycopy(poolBytes, from, body, filled, count);
      filled += count;
      from = 0;
    }
    while (filled > 0 && body[filled - 1] != '\n' && body[filled - 1] != ' ') {
      filled--;
    }
    body[filled] = '\n';
    return Arrays.copyOf(body, filled + 1);
  }

  /** The header form of a text: as it is when ASCII, else encoded words in the old charset. */
  String encode(String text) {
    if (text.chars().allMatch(c -> c < 0x80)) {
      return text;
    }
    StringBuilder words = new StringBuilder();
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + 12);
      words.append(from == 0 ? "=?" : " =?").append(charset).append("?B?");
      byte[] bytes = text.substring(from, to).getBytes(Charset.forName(charset));
      words.append(Base64.getEncoder().encodeToString(bytes)).append("?=");
      from = to;
    }
    return words.toString();
  }

  private String sentence(Draw draw, int count) {
    String phrase = phrase(draw, count);
    return phrase + (draw.chance(.2) ? ".\n\n" : ". ");
  }
}
